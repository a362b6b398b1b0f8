/** How a step stands, as a shape first. */
import { type StepFace, faceWords } from "./runView.ts";

const SHAPES: Readonly<Record<StepFace, React.ReactNode>> = {
  pending: <circle cx="8" cy="8" r="6" />,
  yours: (
    <>
      <circle cx="8" cy="8" r="6" strokeWidth="2" />
      <circle cx="8" cy="8" r="2.4" className="full" />
    </>
  ),
  "in progress": (
    <>
      <circle cx="8" cy="8" r="6" />
      <path className="full" d="M8 2a6 6 0 0 0 0 12Z" />
    </>
  ),
  done: (
    <>
      <circle cx="8" cy="8" r="6.7" className="full" />
      <path className="over" d="m5 8.2 2.1 2.1L11 6" />
    </>
  ),
  skipped: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.4 2" />
      <path d="M5.5 8h5" />
    </>
  ),
  "not applicable": (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="m4 12 8-8" />
    </>
  ),
  withdrawn: (
    <>
      <circle cx="8" cy="8" r="6" strokeDasharray="2.4 2" />
      <path d="m4 12 8-8" />
    </>
  ),
  failed: (
    <>
      <rect x="1.6" y="1.6" width="12.8" height="12.8" rx="2" className="full" />
      <path className="over" d="m5.5 5.5 5 5M10.5 5.5l-5 5" />
    </>
  ),
  "second person": (
    <>
      <circle cx="5.6" cy="5.4" r="2.2" />
      <circle cx="11.2" cy="6" r="1.7" />
      <path d="M1.8 13c0-2.6 1.6-4 3.8-4s3.8 1.4 3.8 4M11 9.4c1.9 0 3.3 1.3 3.3 3.4" />
    </>
  ),
};

export function StepMark({ face }: { face: StepFace }) {
  const look = face.replace(" ", "-");
  return (
    <svg
      className={`step-mark ${look}`}
      viewBox="0 0 16 16"
      role="img"
      aria-label={faceWords(face)}
    >
      {SHAPES[face]}
    </svg>
  );
}
