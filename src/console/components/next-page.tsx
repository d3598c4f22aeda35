/** The link to the rest of a list, with what it was asked for. */
export function NextPage(props: {
  path: string;
  query: Record<string, string | undefined>;
  cursor: string | null;
}) {
  if (props.cursor === null) return null;
  const asked = Object.entries({ ...props.query, cursor: props.cursor }).flatMap(
    ([name, value]): [string, string][] => (value ? [[name, value]] : []),
  );
  return (
    <p>
      <a href={`${props.path}?${new URLSearchParams(asked)}`}>Next page</a>
    </p>
  );
}
