import type { AlertRule } from "../rule.ts";

const failedShareMax = 0.01;
/** With fewer tries a single failure says nothing of the provider. */
const triesMin = 50;

/** More than 1 % of the refreshes of the last hour failed. */
export const refreshesFailing: AlertRule = {
  name: "refreshes_failing",
  find({ refreshes: { tries, failures } }) {
    if (tries < triesMin || failures <= tries * failedShareMax) return [];
    const percent = ((failures / tries) * 100).toFixed(1);
    const summary = `${failures} of ${tries} refreshes of access tokens failed within the last hour (${percent} %); alerted above 1 %. See docs/runbooks/credentials-broken.md.`;
    return [{ severity: "warning", summary }];
  },
};
