// WebConsole
