/** Message → Message resource of Plivo. Sample: golden/plivo-sms.page.json */
import { assert } from "../../base/errors.ts";
import type { ChannelDriver } from "../../domain/notification/channel.ts";
import { PHONE_NUMBER, PHONE_PACE, textOf, urlOf } from "./phone.ts";
import { plivoNumber, plivoRequest, plivoVerdict } from "./plivo.ts";

export const plivoSms: ChannelDriver = {
  medium: "text",
  expects: PHONE_NUMBER,
  pace: PHONE_PACE,
  render(message, address, settings) {
    assert(settings.channel.type === "plivo-sms", "a text message is rendered for its channel");
    return plivoRequest("Message", settings, {
      src: plivoNumber(settings.channel.from),
      dst: plivoNumber(address),
      text: textOf(message),
      url: urlOf(settings, message, "receipt"),
      method: "POST",
    });
  },
  update: null, // a text message stays as it is
  verdict: plivoVerdict,
};
