/** The server closed the connection; the code is the driver's for the same. */
export const closedError = (): Error =>
  Object.assign(new Error("the database server closed the connection"), { code: "CONNECTION_CLOSED" });
