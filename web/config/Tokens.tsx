/** API tokens: made here, shown once, revoked at once. */
import { useState } from "react";
import { createToken, listTokens, revokeToken } from "../../contract/session.ts";
import { may, useMe, useNames } from "../app/me.ts";
import { useSend } from "../kit/client.ts";
import { More, useList } from "../kit/list.tsx";
import { AskAgain, Button, CopyButton, RefusedLine, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";

export function Tokens() {
  const me = useMe();
  const names = useNames();
  const { data, error, refetch, ...rest } = useList(listTokens, { query: { limit: 200 } });
  const [label, setLabel] = useState("");
  const [person, setPerson] = useState("");
  const make = useSend(createToken, (queries) => void queries.invalidateQueries());
  const revoke = useSend(revokeToken, (queries) => void queries.invalidateQueries());
  const because = may(me, "tokens.manage", null)
    ? label.trim() === ""
      ? t("It has no label yet.")
      : null
    : t("Tokens need the right “tokens.manage”.");
  return (
    <section className="settings-wide" aria-label={t("Tokens")}>
      <h2>{t("API tokens")}</h2>
      <form
        className="row wrap"
        onSubmit={(event) => {
          event.preventDefault();
          if (because === null)
            make.mutate({
              body: { label: label.trim(), ...(person !== "" && { person }) },
            });
        }}
      >
        <input
          className="input fit"
          aria-label={t("What it is for")}
          placeholder={t("What it is for")}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <select
          className="input fit"
          aria-label={t("Acts as")}
          value={person}
          onChange={(event) => setPerson(event.target.value)}
        >
          <option value="">{t("acts as nobody, without rights")}</option>
          {names.directory?.people.map((each) => (
            <option key={each.id} value={each.id}>
              {t("acts as {name}", { name: each.name })}
            </option>
          ))}
        </select>
        <Button type="submit" because={because} onClick={() => undefined}>
          {t("Make a token")}
        </Button>
      </form>
      <RefusedLine error={make.error ?? revoke.error} />
      {make.data === undefined ? null : (
        <p className="note-box row">
          <span className="mono">{make.data.token}</span>
          <CopyButton text={make.data.token} what={t("token")} />
          <span className="q t13">{t("shown this once")}</span>
        </p>
      )}
      {error !== null ? <AskAgain error={error} again={() => void refetch()} /> : null}
      {data?.items.length === 0 ? (
        <p className="empty">
          {t("None yet. A token lets the command line or a script act as the person it names.")}
        </p>
      ) : null}
      {data === undefined || data.items.length === 0 ? null : (
        <table className="stacked">
          <thead>
            <tr>
              <th scope="col">{t("Label")}</th>
              <th scope="col">{t("Acts as")}</th>
              <th scope="col">{t("Made")}</th>
              <th scope="col">{t("State")}</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((token) => (
              <tr key={token.id}>
                <td className="b line">{token.label}</td>
                <td data-what={t("Acts as")}>
                  {token.person === null ? t("nobody") : names.person(token.person)}
                </td>
                <td data-what={t("Made")}>
                  <Time iso={token.createdAt} />
                </td>
                <td>
                  {token.revokedAt === null ? (
                    <Button
                      small
                      look="danger"
                      onClick={() => revoke.mutate({ params: { id: token.id } })}
                    >
                      {t("Revoke {label}", { label: token.label })}
                    </Button>
                  ) : (
                    <span className="q">
                      {tParts("revoked {time}", { time: <Time iso={token.revokedAt} /> })}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More {...rest} />
    </section>
  );
}
