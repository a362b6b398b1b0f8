/** Message → a call by Plivo, which fetches what to say when it is taken. Sample: golden/plivo-voice.page.json */
import { assert } from "../../base/errors.ts";
import { SECOND } from "../../base/instant.ts";
import type { ChannelDriver } from "../../domain/notification/channel.ts";
import { PHONE_NUMBER, RINGS_MS, urlOf } from "./phone.ts";
import { plivoNumber, plivoRequest, plivoVerdict } from "./plivo.ts";

export const plivoVoice: ChannelDriver = {
  medium: "voice",
  expects: PHONE_NUMBER,
  render(message, address, settings) {
    assert(settings.channel.type === "plivo-voice", "a call is rendered for its channel");
    return plivoRequest("Call", settings, {
      from: plivoNumber(settings.channel.from),
      to: plivoNumber(address),
      answer_url: urlOf(settings, message, "answer"),
      answer_method: "POST",
      hangup_url: urlOf(settings, message, "receipt"),
      hangup_method: "POST",
      ring_timeout: RINGS_MS / SECOND,
    });
  },
  update: null, // what was said was said
  verdict: plivoVerdict,
};
