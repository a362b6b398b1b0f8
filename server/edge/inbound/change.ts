/** The tools that change what runs, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { argo } from "./change/argo.ts";
import { azureDevOps } from "./change/azureDevOps.ts";
import { bitbucket } from "./change/bitbucket.ts";
import { circleCi } from "./change/circleCi.ts";
import { flux } from "./change/flux.ts";
import { github } from "./change/github.ts";
import { gitlab } from "./change/gitlab.ts";
import { jenkins } from "./change/jenkins.ts";
import { kubernetesObject } from "./change/kubernetesObject.ts";
import { kubewatch } from "./change/kubewatch.ts";
import { vercel } from "./change/vercel.ts";

export const CHANGE_ADAPTERS: readonly Adapter[] = [
  argo,
  azureDevOps,
  bitbucket,
  circleCi,
  flux,
  github,
  gitlab,
  jenkins,
  kubernetesObject,
  kubewatch,
  vercel,
];
