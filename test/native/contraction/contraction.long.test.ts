import { builds, checkBuilds } from "./builds.ts";

checkBuilds(builds);
