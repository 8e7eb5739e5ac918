import Testing

/// All tests that start the program: one after the other, the machine is small.
@Suite("The program, driven from outside", .serialized)
enum EndToEnd {}
