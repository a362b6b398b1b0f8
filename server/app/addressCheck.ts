/** Addresses that their channel can never reach: found when they are configured, not by a page that is lost. */
import type { ObjectCheck } from "../domain/config/check.ts";
import { channelDrivers } from "../edge/outbound/index.ts";

export const checkAddresses: ObjectCheck = (snapshot) =>
  (["people", "audiences"] as const).flatMap((kind) =>
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
  );
