// Kubernetes' messages in a person's words, where they are known; the original is in the title and in the drawer.

import { t } from "./strings.js";

const pull = /\b(ImagePullBackOff|ErrImagePull|InvalidImageName|ErrImageNeverPull|RegistryUnavailable)\b|Back-off pulling image/;
const lacking = /\bCreateContainerConfigError\b.*?\b(configmap|secret) "([^"]+)" not found/;
const crash = /\bCrashLoopBackOff\b|back-off \w+ restarting failed container/;
/** What to type where there is no button. */
const command = / Approve with: varde app approve \S+$/;
/** @type {[RegExp, string][]} */
const reasons = [[/not found|NotFound|manifest unknown/i, "absent"],
  [/unauthorized|forbidden|denied|authentication/i, "refused"], [/no such host|lookup /i, "host"],
  [/timeout|deadline|timed out/i, "silent"], [/InvalidImageName|invalid reference/i, "invalid"],
];

/** A message as one short sentence; where there is little room an image is named without its registry. */
export function brief(message, { isTight = false } = {}) {
  if (pull.test(message)) {
    const image = /image "([^"\s]+)"/.exec(message)?.[1];
    if (!image) return message;
    const why = reasons.find(([pattern]) => pattern.test(message))?.[1] ?? "unknown";
    return isTight ? t.messages.pullTight(image.split("/").pop(), t.messages.becauseTight[why])
      : t.messages.pull(subject(message), image) + t.messages.because[why];
  }
  const lack = lacking.exec(message);
  if (lack) {
    const container = /container[ =]"?([\w-]+)/.exec(message)?.[1] ?? "";
    return t.messages.lacks(isTight ? null : subject(message), container, lack[1] === "secret" ? "Secret" : "ConfigMap", lack[2]);
  }
  if (crash.test(message)) {
    const container = /container[ =]"?([\w-]+)/.exec(message)?.[1] ?? "";
    const code = /exit code:? (\d+)/i.exec(message)?.[1];
    return t.messages.crash(isTight ? null : subject(message), container, code);
  }
  return message.replace(command, "");
}

/** `Deployment web` at the start: whose message it is. */
const subject = (message) => /^((?!Pod )[A-Z]\w+ [\w.-]+): /.exec(message)?.[1] ?? null;
