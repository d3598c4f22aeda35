const reads = /^(search_|get_|list_|read_|download_|recall|aggregate)/;

/** Whether a tool only looks, by its name; whatever is not known to only look counts as a write. */
export const isRead = (toolName: string) => reads.test(toolName.toLowerCase());
