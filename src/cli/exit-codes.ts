/** What `fed` exits with; stable, for scripts. */
export const exitCodes = {
  ok: 0,
  /** Something unexpected; stderr says what. */
  failed: 1,
  /** The command line does not fit. */
  usage: 2,
  /** The API refused: no or wrong key, missing scope. */
  refused: 3,
  /** There is no such object. */
  notFound: 4,
  /** The input or the state does not allow it: 400, 409, 413, 422. */
  invalid: 5,
  /** The watched run failed or was rolled back. */
  runFailed: 6,
  /** The API or the database does not answer. */
  unreachable: 7,
  /** A check found something: lint, doctor, diff. */
  findings: 8,
  /** A second person has to approve it; then the same command goes through. */
  waits: 9,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
