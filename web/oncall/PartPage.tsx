/** A page beside the calendar: its question, and the answer. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { useTitle } from "../kit/title.ts";
import { said, t, tParts } from "../kit/words.ts";
import { Drills } from "./Drills.tsx";
import { Load } from "./Load.tsx";
import { Notes } from "./Notes.tsx";
import "./oncall.css";
import { PartLinks } from "./PartLinks.tsx";
import { type Part, PARTS, type PartSearch } from "./parts.ts";

const route = getRouteApi("/oncall/$part");

export function PartPage() {
  const { part: named } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const part = (Object.keys(PARTS) as Part[]).find((each) => each === named);
  useTitle(part === undefined ? t("On call") : said(PARTS[part][1]));
  if (part === undefined)
    return (
      <main className="page">
        <h1>{t("Nothing is here")}</h1>
        <p className="q">
          {tParts("{link} shows who is on call.", {
            link: <Link to="/oncall">{t("The calendar")}</Link>,
          })}
        </p>
      </main>
    );
  const choose = (change: PartSearch): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  return (
    <main className="page oncall-part">
      <PartLinks />
      <h1>{said(PARTS[part][1])}</h1>
      {part === "load" ? <Load search={search} choose={choose} /> : null}
      {part === "drills" ? <Drills /> : null}
      {part === "notes" ? <Notes search={search} choose={choose} /> : null}
    </main>
  );
}
