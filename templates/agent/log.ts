export type Level = "info" | "warn" | "error";
export type WriteLog = (level: Level, message: string, fields?: Record<string, string | number>) => void;

/** One JSON line per event on stdout. Callers pass names, codes and counts: never arguments, answers or tokens. */
export const writeLog: WriteLog = (level, message, fields = {}) => {
  process.stdout.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, msg: message, ...fields })}\n`,
  );
};
