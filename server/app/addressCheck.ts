/** Addresses that their channel can never reach: found when they are configured, not by a page that is lost. */
import { WEB_PUSH } from "../../contract/notification.ts";
import type { ObjectCheck } from "../domain/config/check.ts";
import { channelDrivers } from "../edge/outbound/index.ts";

export const checkAddresses: ObjectCheck = (snapshot) => [
  ...(snapshot.get("channels", WEB_PUSH) === null
    ? []
    : [
        {
          kind: "channels" as const,
          id: WEB_PUSH,
          path: "id",
          message: "people's own devices have this name: choose another",
        },
      ]),
  ...(["people", "audiences"] as const).flatMap((kind) =>
    snapshot.all(kind).flatMap(({ id, body }) =>
      body.contacts.flatMap(({ channel, address }, index) => {
        const type = snapshot.get("channels", channel)?.body.type;
        const expected = type === undefined ? null : channelDrivers[type].expects;
        if (expected === undefined || expected === null || expected.pattern.test(address))
          return [];
        return [
          { kind, id, path: `contacts.${index}.address`, message: `expected ${expected.words}` },
        ];
      }),
    ),
  ),
];
