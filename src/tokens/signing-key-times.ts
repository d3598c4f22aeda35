/** A process, or whoever verifies by the JWKS, may know the keys as they were a minute ago. */
export const keptSeconds = 60;
/** A new key is public for so long before it signs. */
export const publishedSeconds = 150;
/** After that nobody signs with a retired key: its private half is destroyed. */
export const signsNoMoreSeconds = 300;
/** The last token of a retired key: signed by a process that did not know yet, 900 s, clock skew; then some. */
export const acceptedSeconds = keptSeconds + 900 + 5 + 55;
/** An active key is replaced when it is older. */
export const activeDays = 90;
