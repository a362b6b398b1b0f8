/**
 * Coverage turns Node's compile cache off for the tests and for every process that they start. What is covered is
 * measured in the tests' own process; commands and servers may start as they do for everybody, in a third of the time.
 */
delete process.env["NODE_DISABLE_COMPILE_CACHE"];
