/** Line drawings on a 16-pixel grid, one stroke; always beside a word or with a label. */
const PATHS = {
  home: "M2.5 7.5 8 2.7l5.5 4.8M4 6.5v6.8h8V6.5",
  bell: "M3 11.5h10c-1-1.1-1.4-2.4-1.4-4.5C11.6 4.6 10.2 3 8 3S4.4 4.6 4.4 7c0 2.1-.4 3.4-1.4 4.5ZM6.7 13.7h2.6",
  flame:
    "M8 1.8c.4 2.5 3.8 4 3.8 7.6A3.8 3.8 0 0 1 8 13.6a3.8 3.8 0 0 1-3.8-4.2c0-1.5.8-2.5 1.5-3.3.2 1 .7 1.5 1.2 1.7C6.6 5.6 7 3.6 8 1.8Z",
  calendar: "M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.3V4M10.5 2.3V4",
  book: "M8 4.2C6.8 3.2 5 2.8 2.5 2.8v9.5c2.5 0 4.3.4 5.5 1.4 1.2-1 3-1.4 5.5-1.4V2.8C11 2.8 9.2 3.2 8 4.2Zm0 0v9.5",
  document: "M4 2h5.5L12.5 5v9H4zM9.3 2v3.2h3.2M6.2 8h4M6.2 10.7h4",
  boxes: "M5.5 2.5h5v4h-5zM2 9.5h5v4H2zM9 9.5h5v4H9zM8 6.5v1.5M4.5 9.5V8h7v1.5",
  chart: "M2.5 2.5v11h11M5.5 11V8M8.5 11V5M11.5 11V7",
  find: "M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0Zm-1 3.2 3.3 3.3",
  check: "m3.5 8.3 3 3 6-6.6",
  cross: "m4 4 8 8M12 4l-8 8",
  eye: "M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8ZM9.8 8a1.8 1.8 0 1 1-3.6 0 1.8 1.8 0 0 1 3.6 0Z",
  two: "M7.5 5.2a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM12.6 5.8a1.6 1.6 0 1 1-3.2 0 1.6 1.6 0 0 1 3.2 0ZM2 12.5c0-2.2 1.5-3.5 3.5-3.5S9 10.3 9 12.5M10.8 9.3c1.9 0 3.2 1.2 3.2 3.2",
  clock: "M13.8 8A5.8 5.8 0 1 1 2.2 8a5.8 5.8 0 0 1 11.6 0ZM8 4.8V8l2.2 1.5",
  message: "M2.5 3.5h11v7.5H7.5L4.5 13.5V11h-2z",
  horn: "M2.5 6.5v3h2.5l6 3V3.5l-6 3zM13.3 6.5v3M5.2 9.7l.8 3.3",
  phone: "M5 1.8h6v12.4H5zM7.2 12h1.6",
  seal: "M8 1.8 13 3.6v4c0 3-2 5.3-5 6.6-3-1.3-5-3.6-5-6.6v-4ZM5.8 8l1.6 1.6L10.4 6.4",
  machine: "M3 5.5h10v7.5H3zM8 5.5V3M6 8.5v1M10 8.5v1",
  change: "M10.3 8a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0ZM2 8h3.7M10.3 8H14",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  right: "m6.5 4.5 3.5 3.5-3.5 3.5",
  left: "M9.5 4.5 6 8l3.5 3.5",
  pause: "M6 4v8M10 4v8",
  dash: "M4 8h8",
  swap: "M3 5.5h9M9.8 3.3 12 5.5 9.8 7.7M13 10.5H4M6.2 8.3 4 10.5l2.2 2.2",
  warning: "M8 2.5 14.2 13H1.8ZM8 6.5v3M8 11.2v.1",
  person: "M10.6 5.3a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0ZM2.9 13.6a5.2 5.2 0 0 1 10.2 0",
  pen: "m3 13 .6-2.7L10.8 3l2.2 2.2-7.3 7.2Z",
  sliders:
    "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M11.5 4.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0ZM7.5 11.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0Z",
  lock: "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  moon: "M12.8 9.6A5.2 5.2 0 0 1 6.4 3.2a5.2 5.2 0 1 0 6.4 6.4Z",
  sun: "M10.6 8a2.6 2.6 0 1 1-5.2 0 2.6 2.6 0 0 1 5.2 0ZM8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  const heavy = name === "more" || name === "pause";
  return (
    <svg className={small ? "i s" : "i"} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} strokeWidth={heavy ? 2.2 : undefined} />
    </svg>
  );
}

/** The bell that swings. */
export function Mark() {
  return (
    <svg className="i" viewBox="0 0 18 18" aria-hidden="true">
      <g transform="rotate(-16 9 9)">
        <path d="M3.4 12.6h11.2c-1.2-1.3-1.6-2.8-1.6-5.2 0-2.6-1.6-4.4-4-4.4S5 4.8 5 7.4c0 2.4-.4 3.9-1.6 5.2Z" />
        <path d="M9 3V1.5" />
      </g>
      <circle cx="10.6" cy="14.9" r="1.3" fill="currentColor" stroke="none" />
      <path d="M15.4 3.4c.9.9 1.4 2 1.5 3.2" />
    </svg>
  );
}

/** How much of a length is used, as a pie; the words beside it say the same. */
export function Pie({ used }: { used: number }) {
  const part = Math.min(0.999, Math.max(0, used));
  const angle = 2 * Math.PI * part;
  const [x, y] = [6 + 4 * Math.sin(angle), 6 - 4 * Math.cos(angle)];
  return (
    <svg className="pie" viewBox="0 0 12 12" aria-hidden="true">
      <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d={`M6 6V2A4 4 0 ${part > 0.5 ? 1 : 0} 1 ${x} ${y}Z`} fill="currentColor" />
    </svg>
  );
}
