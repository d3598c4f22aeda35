declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*/assets/console.js" {
  const text: string;
  export default text;
}
