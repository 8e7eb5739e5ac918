/// Why a command did not do what was asked, and what its user can do about it.
struct CommandFailure: Error, Sendable, CustomStringConvertible {
    /// The exit codes of every command.
    enum Exit: Int32, Sendable { case failed = 1, usage = 2, timedOut = 3 }

    /// What callers branch on.
    enum Code: Sendable, Hashable {
        case notRunning, unauthorized, notFound, ambiguous, refused, busy, server, timedOut, usage, local
    }

    var code: Code
    var message: String
    /// What to do next, a line each; may be empty.
    var advice: [String]

    init(_ code: Code, _ message: String, advice: [String] = []) {
        self.code = code
        self.message = message
        self.advice = advice
    }

    var exit: Exit {
        switch code {
        case .timedOut: .timedOut
        case .usage, .ambiguous: .usage
        default: .failed
        }
    }

    var description: String { message }

    /// Writes it to standard error, the advice below the message.
    func print() {
        let style = Style(for: .standardError)
        Terminal.printError(style.paint("Error: ", .bad) + message)
        for line in advice { Terminal.printError("  " + line) }
    }
}
