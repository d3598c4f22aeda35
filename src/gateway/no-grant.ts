import { forbidden } from "../errors.ts";

/** The same for a target that does not exist, is not running or has not granted. */
export const noGrant = () => forbidden("no_grant", "There is no grant for this question.");
