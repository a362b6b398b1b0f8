/** The way between the calendar and what belongs to it. */
import { Link } from "@tanstack/react-router";
import { said, t } from "../kit/words.ts";
import { type Part, PARTS } from "./parts.ts";

export const PartLinks = () => (
  <nav className="tabs" aria-label={t("On call")}>
    <Link to="/oncall" className="flt" activeOptions={{ exact: true, includeSearch: false }}>
      {t("Calendar")}
    </Link>
    {(Object.keys(PARTS) as Part[]).map((each) => (
      <Link key={each} to="/oncall/$part" params={{ part: each }} className="flt">
        {said(PARTS[each][0])}
      </Link>
    ))}
  </nav>
);
