// Requests to Varde. A failure is an ApiError with the server's own sentence.

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const applicationPath = (id) => `/api/v1/applications/${id.split("/").map(encodeURIComponent).join("/")}`;

export async function getJSON(path, signal) {
  return (await send(path, { signal })).json();
}

/** Asks for a change; the extra header is one that no form of another site can send. */
export async function post(path, body) {
  await send(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-varde-request": "1" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

export async function send(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "Varde does not answer.");
  }
  if (response.ok) return response;
  if (response.status === 401) location.reload();
  let told = null;
  try {
    told = (await response.json()).error;
  } catch {
    // Not our server's words: the status has to do.
  }
  throw new ApiError(response.status, told?.code ?? "failed",
    told?.message ?? `The server answered ${response.status}.`,
  );
}
