/**
 * Traces from intake to delivery, by OpenTelemetry, where an exporter is configured. The trace of an alert has
 * its id: whoever has the alert has the trace, on whichever node and however much later a page about it leaves.
 * The spans of a page are read off its ledger, so a trace tells nothing that the ledger does not.
 */
import {
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace as traces,
  TraceFlags,
} from "@opentelemetry/api";
import { ROOT_CONTEXT } from "@opentelemetry/api";
import { sha256 } from "../base/crypto.ts";
import type { Db } from "../base/db.ts";
import type { Instant } from "../base/instant.ts";
import { errorFields, type Log } from "../base/log.ts";
import type { OpenedAlert } from "../domain/alert/intake.ts";
import { findOpeningAlert } from "../domain/alert/incidentAlertStore.ts";
import type { AnsweredRequest } from "./metrics.ts";
import type { Notification } from "../domain/notification/notification.ts";

export type Tracing = {
  /** An alert that opened: the root of its trace, from its arrival to its commit. */
  opened(alert: OpenedAlert): void;
  /** A message whose receipt is recorded. */
  received(row: Notification, receiptAt: Instant): void;
  /** A request that was answered; a span of a trace of its own. */
  request(request: AnsweredRequest): void;
  /** Sends what is waiting and ends. */
  stop(): Promise<void>;
};

const traceIdOf = (alertId: string): string => alertId.replaceAll("-", "");
const rootSpanOf = (alertId: string): string => sha256(`root:${alertId}`).toString("hex", 0, 8);

/** Loads the SDK and begins to export. What cannot be exported is dropped: traces delay nobody. */
export async function openTracing(options: {
  readonly url: string;
  readonly db: Db;
  readonly log: Log;
  readonly now: () => Instant;
}): Promise<Tracing> {
  const [{ BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator }, exporter, resources] =
    await Promise.all([
      import("@opentelemetry/sdk-trace-base"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const chance = new RandomIdGenerator();
  // Set for the one span that begins a trace, whose ids are its alert's.
  let next: { readonly traceId: string; readonly spanId: string } | null = null;
  const provider = new BasicTracerProvider({
    resource: resources.resourceFromAttributes({ "service.name": "tocsin" }),
    spanProcessors: [new BatchSpanProcessor(new exporter.OTLPTraceExporter({ url: options.url }))],
    idGenerator: {
      generateTraceId: () => next?.traceId ?? chance.generateTraceId(),
      generateSpanId: () => next?.spanId ?? chance.generateSpanId(),
    },
  });
  const tracer = provider.getTracer("tocsin");
  const pending = new Set<Promise<void>>();
  return {
    opened({ alertId, adapter, serviceId, arrivedAt, committedAt }) {
      next = { traceId: traceIdOf(alertId), spanId: rootSpanOf(alertId) };
      const span = tracer.startSpan(
        "intake",
        {
          root: true,
          startTime: arrivedAt,
          attributes: {
            "tocsin.alert": alertId,
            "tocsin.adapter": adapter,
            "tocsin.service": serviceId,
          },
        },
        ROOT_CONTEXT,
      );
      next = null;
      span.end(committedAt);
    },
    received(row, receiptAt) {
      const work = tracePage(options.db, tracer, row, receiptAt)
        .catch((error: unknown) => options.log.warn("a page has no trace", errorFields(error)))
        .finally(() => pending.delete(work));
      pending.add(work);
    },
    request({ method, route, status, ms }) {
      const end = options.now();
      const span = tracer.startSpan(`${method} ${route}`, {
        kind: SpanKind.SERVER,
        startTime: end - ms,
        attributes: {
          "http.request.method": method,
          "http.route": route,
          "http.response.status_code": status,
        },
      });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(end);
    },
    async stop() {
      await Promise.all(pending);
      await provider.shutdown().catch(() => undefined);
    },
  };
}

/** The way of a page as its ledger has it: accepted → decided → due → handed over → receipt. */
async function tracePage(
  db: Db,
  tracer: Tracer,
  row: Notification,
  receiptAt: Instant,
): Promise<void> {
  const alertId =
    row.incidentNumber === null ? null : await findOpeningAlert(db, row.incidentNumber);
  if (alertId === null) return;
  const root = traces.setSpanContext(ROOT_CONTEXT, {
    traceId: traceIdOf(alertId),
    spanId: rootSpanOf(alertId),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });
  const from = row.acceptedAt ?? row.decidedAt;
  const attributes = {
    "tocsin.notification": row.id,
    "tocsin.channel": row.channelId,
    "tocsin.occasion": row.occasion,
    "tocsin.urgency": row.urgency,
    "tocsin.attempts": row.attempts,
    "tocsin.may_repeat": row.mayRepeat,
  };
  const span = tracer.startSpan(row.kind, { startTime: from, attributes }, root);
  const within = traces.setSpan(root, span);
  const handedOverAt = row.handedOverAt ?? receiptAt;
  for (const [name, startTime, endTime] of [
    ["decide", from, row.decidedAt],
    ["wait until due", row.decidedAt, row.dueAt],
    ["queue", row.dueAt, handedOverAt],
    ["hand over", handedOverAt, receiptAt],
  ] as const)
    if (endTime > startTime || name === "hand over")
      tracer.startSpan(name, { startTime }, within).end(endTime);
  span.end(receiptAt);
}
