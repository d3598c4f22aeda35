// Who and what the examples speak of, so that they fit each other.
export const hr = "01a1c2d3-5f60-7b11-8a42-1f0e9d8c7b6a";
export const run = "01a1c2d4-0a7e-7c55-9b3d-6e5f4a3b2c1d";
export const person = "01a1c2c0-77aa-7d10-8f21-0b1c2d3e4f50";
export const object = "01a1c2d5-3c4b-7e9a-a1b2-c3d4e5f60718";
export const session = "01a1c2d6-9d8e-7f01-b2c3-d4e5f6071829";
export const earlier = "2026-11-02T08:15:30.000Z";
export const later = "2026-11-02T08:15:42.000Z";
const publicUrl = "https://federation.example.com";
const statusUrl = `${publicUrl}/api/v1/provision-status/${run}`;

/** What answers to everything that begins a run. */
export const accepted = (status: string) => ({
  provisioning_id: run,
  department_id: "hr",
  department: hr,
  status,
  status_url: statusUrl,
  events_url: `${statusUrl}/events`,
});
