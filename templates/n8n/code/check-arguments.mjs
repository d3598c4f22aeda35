export function checkArguments(operations, sent) {
  const refuse = (message) => ({ refused: { code: "invalid_arguments", message } });
  const isWebhook = sent.webhookUrl !== undefined;
  const given = isWebhook ? sent.body : sent;
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    return refuse("The body must be a JSON object.");
  }
  const { operation } = given;
  if (typeof operation !== "string" || !Object.hasOwn(operations, operation)) {
    return refuse(`operation must be one of ${Object.keys(operations).join(", ")}.`);
  }
  const rules = operations[operation];
  const isGiven = (value) => value !== undefined && value !== null && value !== "";
  const known = new Set(["operation", ...rules.map(({ name }) => name)]);
  const unknown = Object.keys(given).find((name) => isGiven(given[name]) && !known.has(name));
  // n8n's tool node adds a `query` of its own, which is all arguments once more.
  if (isWebhook && unknown !== undefined) return refuse(`${operation} has no argument ${unknown.slice(0, 50)}.`);
  const args = {};
  for (const rule of rules) {
    const value = isGiven(given[rule.name]) ? given[rule.name] : rule.default;
    if (value === undefined && rule.required) return refuse(`${rule.name} is missing.`);
    if (value === undefined) continue;
    const fault = faultOf(rule, value);
    if (fault !== undefined) return refuse(`${rule.name} ${fault}.`);
    args[rule.name] = value;
  }
  return { operation, args };
}

function faultOf(rule, value) {
  const formats = {
    instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/,
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    addresses: /^[^\s@,<>"]+@[^\s@,<>"]+\.[^\s@,<>"]+(\s*,\s*[^\s@,<>"]+@[^\s@,<>"]+\.[^\s@,<>"]+){0,49}$/,
    line: /^[^\p{Cc}]*$/u,
    id: /^[A-Za-z0-9_.:@-]{1,1024}$/,
  };
  const { type, format, one_of: choices } = rule;
  if (type === "any") return JSON.stringify(value).length > rule.length_max ? "is too long" : undefined;
  if (typeof value !== type) return `must be a ${type}`;
  if (type === "number" && !Number.isInteger(value)) return "must be a whole number";
  if (rule.minimum !== undefined && value < rule.minimum) return `must be ${rule.minimum} or more`;
  if (rule.maximum !== undefined && value > rule.maximum) return `must be ${rule.maximum} or less`;
  if (type === "string" && value.length > rule.length_max) return `is longer than ${rule.length_max} characters`;
  if (choices !== undefined && !choices.includes(value)) return `must be one of ${choices.join(", ")}`;
  if (format === undefined) return undefined;
  if (!formats[format].test(value)) return `does not look like ${format === "uuid" ? "an id" : `its format: ${format}`}`;
  return format === "instant" && Number.isNaN(Date.parse(value)) ? "is no moment in time" : undefined;
}
