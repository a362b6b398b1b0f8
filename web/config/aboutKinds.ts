/** What each kind of object in the settings is for, in one sentence: read before the first of them is made. */
import type { ConfigKind } from "../../contract/config.ts";
import { later } from "../kit/words.ts";

export const ABOUT: Readonly<Record<ConfigKind, string>> = {
  calendars: later("Working hours and holidays, by which clocks can count."),
  channels: later("The ways out: mail, chat, text messages, calls."),
  people: later("Who is paged, by which addresses, and what they may do."),
  teams: later("Who belongs together, and who answers for them."),
  schedules: later("Who is on call when, layer over layer."),
  escalations: later("Who is paged, and who after them when nobody answers."),
  services: later("What can break, who owns it, and who is paged for it."),
  policies: later("What a severity promises, and how soon."),
  audiences: later("Who hears of an incident without working on it."),
  keys: later("What a tool sends its alerts with, each for one service."),
  heartbeats: later("What should be heard of regularly: its silence rings."),
  drills: later("Pages for practice, by the policy of a service."),
  rules: later("Which alerts become incidents, and which do not."),
  maintenance: later("Planned work: what it touches rings nobody meanwhile."),
  inhibitions: later("Which alerts are quiet while another one fires."),
  tables: later("What is looked up to add labels to alerts."),
  connections: later("What runbook steps may reach, and under which limits."),
  intelligence: later("Indicators of attacks that alerts are compared with."),
  runbooks: later("Folders and repositories that runbooks are read from."),
};
