import type { Resolvers } from "../call.ts";

/** Where services can run. */
export const regionResolvers = {
  Query: {
    regions: () => [
      { id: "sfo", name: "us-west2", region: "us-west2", country: "US", location: "California, USA" },
      { id: "iad", name: "us-east4-eqdc4a", region: "us-east4", country: "US", location: "Virginia, USA" },
      {
        id: "ams",
        name: "europe-west4-drams3a",
        region: "europe-west4",
        country: "NL",
        location: "Amsterdam",
      },
      {
        id: "sin",
        name: "asia-southeast1-eqsg3a",
        region: "asia-southeast1",
        country: "SG",
        location: "Singapore",
      },
    ],
  },
} satisfies Resolvers;
