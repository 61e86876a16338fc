// build.mjs turns a stylesheet into a string, minified.
declare module "*.css" {
  const css: string;
  export default css;
}
