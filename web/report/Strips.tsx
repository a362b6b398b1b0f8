/** A strip for each time and severity: every incident a dot, the median a line. The table below says the same. */
import type { Distribution, TimePoint } from "../../contract/insights.ts";
import { useMatches } from "../kit/media.ts";
import { lengthText } from "../kit/time.ts";
import { placeOn, scaleOf, stacked, ticksOf } from "./stripView.ts";
import { said, t } from "../kit/words.ts";

/** A unit is about a pixel, on a desk and on a phone: words are as large as everywhere. */
const DESK = { width: 950, left: 96, right: 90 };
const PHONE = { width: 340, left: 72, right: 56 };
const ROW = 34;
/** Dots above this many on one place are drawn on the last. */
const HIGHEST = 4;

type StripsProps = {
  readonly distributions: readonly Distribution[];
  readonly points: readonly TimePoint[];
};

export function Strips({ distributions, points }: StripsProps) {
  const scale = scaleOf(points.map(({ ms }) => ms));
  const { width, left, right } = useMatches("(max-width: 900px)") ? PHONE : DESK;
  const span = width - left - right;
  const x = (ms: number): number => left + placeOn(scale, ms) * span;
  const kinds = [...new Set(distributions.map(({ kind }) => kind))];
  return (
    <div className="strips">
      {kinds.map((kind) => {
        const rows = distributions.filter((row) => row.kind === kind);
        const height = rows.length * ROW + 22;
        return (
          <figure key={kind}>
            <figcaption>{t("Time to {kind}", { kind: said(kind) })}</figcaption>
            <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={spoken(kind, rows)}>
              {ticksOf(scale).map((tick) => (
                <g key={tick}>
                  <line className="grid" x1={x(tick)} x2={x(tick)} y1={2} y2={height - 20} />
                  <text className="tick" x={x(tick)} y={height - 6} textAnchor="middle">
                    {lengthText(tick)}
                  </text>
                </g>
              ))}
              {rows.map((row, index) => (
                <Strip
                  key={row.severity}
                  row={row}
                  left={left}
                  span={span}
                  y={index * ROW + ROW - 8}
                  dots={stacked(
                    points
                      .filter((each) => each.kind === kind && each.severity === row.severity)
                      .map(({ ms }) => ms),
                    scale,
                    span / 7,
                  ).map(({ ms, row: above }) => [x(ms), Math.min(above, HIGHEST)] as const)}
                  median={row.medianMs === null ? null : x(row.medianMs)}
                />
              ))}
            </svg>
          </figure>
        );
      })}
    </div>
  );
}

const spoken = (kind: string, rows: readonly Distribution[]): string =>
  t("Time to {kind}: {list}", {
    kind: said(kind),
    list: rows
      .map(({ severity, count, medianMs }) =>
        medianMs === null
          ? t("{severity} {count}, no median", { severity, count })
          : t("{severity} {count}, median {median}", {
              severity,
              count,
              median: lengthText(medianMs),
            }),
      )
      .join("; "),
  });

function Strip(props: {
  readonly row: Distribution;
  readonly left: number;
  readonly span: number;
  readonly y: number;
  readonly dots: readonly (readonly [x: number, above: number])[];
  readonly median: number | null;
}) {
  const { row, left, span, y, dots, median } = props;
  return (
    <g>
      <text x={0} y={y + 2} className="name">
        {row.severity}
      </text>
      <text x={left - 12} y={y + 2} className="tick" textAnchor="end">
        {row.count}
      </text>
      <line className="base" x1={left} x2={left + span} y1={y + 4} y2={y + 4} />
      {dots.map(([x, above], index) => (
        <circle key={`${index}`} className="dot" cx={x} cy={y - above * 5} r={3.2} />
      ))}
      {median === null ? null : (
        <>
          <line className="median" x1={median} x2={median} y1={y - 20} y2={y + 8} />
          <text className="tick strong" x={left + span + 10} y={y + 2}>
            {row.medianMs === null ? "" : lengthText(row.medianMs)}
          </text>
        </>
      )}
    </g>
  );
}
