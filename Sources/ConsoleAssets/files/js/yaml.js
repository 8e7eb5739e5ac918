// Values as YAML, for reading: lines of pieces, each `[class, text]`. Never parsed again, never HTML.

const plain = /^[A-Za-z0-9_./][\w./@:+-]*( [\w./@:()+-]+)*$/;
const special = /^(true|false|null|yes|no|on|off|y|n|~|[-+]?[\d.][\d_.,eE+-]*|\d{4}-\d\d-\d\d.*|.*:( .*)?)$/i;

/** The lines of a value. */
export function yamlLines(value) {
  const lines = [];
  write(value, 0, [], lines);
  return lines;
}

export const yamlText = (value) => yamlLines(value).map((line) => line.map(([, text]) => text).join("")).join("\n") + "\n";

/** One value in one line, for differences. */
export function inline(value) {
  if (typeof value === "string") return value === "" ? '""' : value;
  return JSON.stringify(value);
}

function write(value, depth, lead, lines) {
  const pad = ["pad", "  ".repeat(depth)];
  if (Array.isArray(value) && value.length > 0) {
    for (const element of value) {
      const start = lead.length ? lead : [pad];
      lead = [];
      if (isNested(element)) write(element, depth + 1, [...start, ["mark", "- "]], lines);
      else lines.push([...start, ["mark", "- "], ...scalar(element, depth + 1)]), flush(lines);
    }
  } else if (isNested(value)) {
    for (const [key, member] of Object.entries(value)) {
      const start = [...(lead.length ? lead : [pad]), ["key", quoteKey(key)], ["mark", ":"]];
      lead = [];
      if (isNested(member)) {
        lines.push(start);
        write(member, Array.isArray(member) ? depth : depth + 1, [], lines);
      } else {
        lines.push([...start, ["mark", " "], ...scalar(member, depth + 1)]);
        flush(lines);
      }
    }
  } else {
    lines.push([...(lead.length ? lead : [pad]), ...scalar(value, depth)]);
    flush(lines);
  }
}

let blocks = [];

function flush(lines) {
  lines.push(...blocks);
  blocks = [];
}

const isNested = (value) => value !== null && typeof value === "object" && Object.keys(value).length > 0;

function scalar(value, depth) {
  if (value === null) return [["constant", "null"]];
  if (typeof value === "object") return [["mark", Array.isArray(value) ? "[]" : "{}"]];
  if (typeof value !== "string") return [["constant", String(value)]];
  if (value.includes("\n") && value.length < 100_000) {
    const rows = value.split("\n");
    const ends = rows.at(-1) === "";
    if (ends) rows.pop();
    blocks = rows.map((row) => [["pad", "  ".repeat(depth)], ["text", row]]);
    return [["mark", ends ? "|" : "|-"]];
  }
  return [["text", value !== "" && plain.test(value) && !special.test(value) ? value : JSON.stringify(value)]];
}

const quoteKey = (key) => (/^[\w./-]+$/.test(key) ? key : JSON.stringify(key));
