/** Seconds as people say them: `14 min`, from two hours on `3 h`. */
export function minutesOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
