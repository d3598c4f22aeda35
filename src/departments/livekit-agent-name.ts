/** Under which name the department's agents wait at LiveKit: jobs go there by name only, never by themselves. */
export const livekitAgentName = ({ slug, suffix }: { slug: string; suffix: string }) =>
  `dept-${slug}-${suffix}`;
