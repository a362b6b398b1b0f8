/** How pages reach you: each address, whether it is verified, and a page to try them all. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import {
  type AddressView,
  listAddresses,
  sendCode,
  testPage,
  verifyAddress,
} from "../../contract/address.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { later, said, t, toldBy, tParts } from "../kit/words.ts";

export function Addresses() {
  const { data, error } = useRoute(listAddresses);
  const queries = useQueryClient();
  const asked = () => void queries.invalidateQueries();
  const test = useSend(testPage, asked);
  if (error !== null) return <RefusedLine error={error} />;
  if (data === undefined) return null;
  return (
    <Panel title={t("How pages reach you")}>
      {data.items.map((each) => (
        <Address key={`${each.channel} ${each.address}`} address={each} asked={asked} />
      ))}
      <div className="settings">
        {data.doubts.map((doubt, index) => {
          const because = data.doubtsBecause?.[index];
          const here = HERE.find(([command]) => doubt.includes(command));
          return (
            <p key={doubt} className={here === undefined ? "hint" : "amberink t13"}>
              {here === undefined ? toldBy(because, doubt) : said(here[1])}
            </p>
          );
        })}
        <RefusedLine error={test.error} />
        {test.isSuccess ? (
          <p role="status">{t("A test page is on its way. Answer it where it comes.")}</p>
        ) : null}
        <div className="row">
          <Button onClick={() => test.mutate({})}>{t("Page me as a test")}</Button>
        </div>
      </div>
    </Panel>
  );
}

/** What is told elsewhere with the command that mends it; on this page a button does. */
const HERE: readonly (readonly [command: string, words: string])[] = [
  [
    "tocsin address code",
    later("No address of yours for pages is verified: send a code to one of them."),
  ],
  [
    "tocsin page test",
    later("No page has reached you in the last 90 days: page yourself as a test."),
  ],
];

function Address({ address, asked }: { address: AddressView; asked: () => void }) {
  const { channel, verifiedAt, mark } = address;
  const [code, setCode] = useState("");
  const send = useSend(sendCode);
  const verify = useSend(verifyAddress, asked);
  const body = { channel, address: address.address };
  return (
    <div className="session-line">
      <span>
        <b>{channel}</b> {address.address}{" "}
        {mark !== null
          ? mark.kind === "stopped"
            ? t("You said STOP there: send START to our number.")
            : t("Nothing arrives there: {why}.", { why: mark.because.replace(/\.$/, "") })
          : verifiedAt === null
            ? t("not verified yet")
            : tParts("verified {at}", { at: <Time iso={verifiedAt} /> })}
        <RefusedLine error={send.error ?? verify.error} />
      </span>
      {verifiedAt !== null && mark === null ? null : send.isSuccess ? (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            verify.mutate({ body: { ...body, code } });
          }}
        >
          <input
            className="input six-digits"
            maxLength={7}
            aria-label={t("The six digits that came by {channel}", { channel })}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
          <Button small type="submit">
            {t("Verify")}
          </Button>
        </form>
      ) : (
        <Button
          small
          aria-label={t("Send a code by {channel}", { channel })}
          onClick={() => send.mutate({ body })}
        >
          {t("Send a code")}
        </Button>
      )}
    </div>
  );
}
