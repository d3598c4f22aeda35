const shape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is an id as we write them: lower case, with dashes. */
export const isUuid = (text: string): boolean => shape.test(text);
