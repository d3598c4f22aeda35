/** How far clocks may be apart: seals of calls live 10 s, and a Date header is exact to a second. */
export const skewSecondsMax = 5;
