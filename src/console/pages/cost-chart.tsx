import type { ChartPoint } from "../../cost/chart.ts";

const [width, height, left, bottom] = [640, 240, 48, 28];

/** Two curves over the number of departments, on a scale of powers; the table beside it has the figures. */
export function CostChart({ points }: { points: readonly ChartPoint[] }) {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return null;
  const top = Math.max(...points.flatMap(({ railway, machines }) => [railway, machines]));
  const from = Math.log(first.departments);
  const span = Math.log(last.departments) - from || 1;
  const x = (count: number) => left + ((Math.log(count) - from) / span) * (width - left - 10);
  const y = (usd: number) => (1 - usd / top) * (height - bottom - 10) + 10;
  const line = (pick: (point: ChartPoint) => number) =>
    points.map((point) => `${x(point.departments).toFixed(1)},${y(pick(point)).toFixed(1)}`).join(" ");
  return (
    <figure>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label="Cost per department and month: it falls with the number of departments, on machines of one's own further than on Railway"
      >
        <path class="axis" d={`M${left} 10V${height - bottom}H${width - 10}`} />
        <polyline class="railway" points={line(({ railway }) => railway)} />
        <polyline class="machines" points={line(({ machines }) => machines)} />
        <text x="4" y="18">
          ${top.toFixed(0)}
        </text>
        <text x="4" y={height - bottom}>
          $0
        </text>
        <text x={left} y={height - 8}>
          {first.departments} departments
        </text>
        <text x={width - 10} y={height - 8} text-anchor="end">
          {last.departments}
        </text>
      </svg>
      <figcaption>Solid: on Railway. Dashed: on machines of one's own. Per department and month.</figcaption>
    </figure>
  );
}
