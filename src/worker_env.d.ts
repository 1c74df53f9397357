/** What Vite adds to a worker's imports: `?url` gives the address of a built file, right under any base path. */
declare module '*?url' {
  const url: string;
  export default url;
}

/** `?raw` gives the text of a file. */
declare module '*.py?raw' {
  const text: string;
  export default text;
}
