/** All commands, grouped by noun, and how wrong usage is told: in one line. */
import { type Argument, Command } from "commander";
import { registerAddress } from "./address.ts";
import { registerAccess } from "./access.ts";
import { registerAlert, registerSend } from "./alert.ts";
import { registerBreakGlass } from "./breakGlass.ts";
import { registerChange } from "./change.ts";
import type { Cli } from "./command.ts";
import { registerChanges, registerConfiguration } from "./configuration.ts";
import { registerDrill } from "./drill.ts";
import { registerDoctor } from "./doctor.ts";
import { registerHeartbeat } from "./heartbeat.ts";
import { registerImport } from "./import.ts";
import { registerIncident } from "./incident.ts";
import { registerIncidentVerbs } from "./incidentVerbs.ts";
import { registerInsights } from "./insights.ts";
import { registerIntake } from "./intake.ts";
import { registerLeave } from "./leave.ts";
import { registerLeaveFeed } from "./leaveFeed.ts";
import { registerLoad } from "./load.ts";
import { registerLocal } from "./local.ts";
import { registerOnCall } from "./oncall.ts";
import { registerPage } from "./page.ts";
import { registerRoute } from "./route.ts";
import { registerSwap } from "./swap.ts";
import { registerShiftNote } from "./shiftNote.ts";
import { registerSilence } from "./silence.ts";
import { registerProve } from "./prove.ts";
import { registerPolicyTest } from "./policyTest.ts";
import { registerActionItem, registerPostmortem } from "./postmortem.ts";
import { registerRunbook } from "./runbook.ts";
import { registerRunbooks } from "./runbooks.ts";
import { registerRuns } from "./runs.ts";
import { registerSearch } from "./search.ts";
import { registerWatch } from "./watch.ts";

const termOf = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

/** The program; it never ends the process by itself. */
export function buildProgram(cli: Cli): Command {
  const program = new Command("tocsin")
    .description(
      "Incident response: from an alert to a paged person, a resolved incident and its postmortem.",
    )
    // That a command has options stands in its own help; here the words need the room.
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map(termOf)].join(" "),
    })
    .configureOutput({
      outputError: (text, write) =>
        write(`tocsin: ${text.replace(/^error: /, "").trim()} (--help shows what is possible)\n`),
    })
    .exitOverride();
  program.commandsGroup("Server:");
  registerLocal(program, cli);
  registerWatch(program, cli);
  registerDoctor(program, cli);
  registerSearch(program, cli);
  registerInsights(program, cli);
  program.commandsGroup("Incidents:");
  registerIncidentVerbs(registerIncident(program, cli), cli);
  program.commandsGroup("Runbooks:");
  const runbook = registerRunbook(program, cli);
  registerRunbooks(runbook, cli);
  registerRuns(runbook, cli);
  program.commandsGroup("Postmortems:");
  registerPostmortem(program, cli);
  registerActionItem(program, cli);
  program.commandsGroup("Alerts and pages:");
  registerAlert(program, cli);
  registerSilence(program, cli);
  registerChange(program, cli);
  registerHeartbeat(program, cli);
  registerRoute(program, cli);
  registerSend(program, cli);
  registerIntake(program, cli);
  registerPage(program, cli);
  registerAddress(program, cli);
  registerProve(program, cli);
  program.commandsGroup("On call:");
  registerOnCall(program, cli);
  registerSwap(program, cli);
  registerLoad(program, cli);
  registerLeave(program, cli);
  registerLeaveFeed(program, cli);
  registerShiftNote(program, cli);
  registerDrill(program, cli);
  program.commandsGroup("Configuration:");
  registerConfiguration(program, cli.client, cli.output);
  registerPolicyTest(program, cli);
  registerChanges(program, cli);
  registerImport(program, cli);
  program.commandsGroup("Access:");
  registerAccess(program, cli);
  registerBreakGlass(program, cli);
  program.helpCommand(false);
  return program;
}
