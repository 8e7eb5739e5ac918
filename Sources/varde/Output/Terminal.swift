#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The terminal, or what stands in its place when output is piped.
enum Terminal {
    enum Stream: Int32, Sendable { case standardOutput = 1, standardError = 2 }

    struct Size: Sendable, Hashable {
        var columns: Int
        var rows: Int
    }

    /// Whether a person looks at the stream.
    static func isInteractive(_ stream: Stream) -> Bool {
        isatty(stream.rawValue) == 1 && environment("TERM") != "dumb"
    }

    /// `nil` when standard output is no terminal, or does not tell.
    static var size: Size? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return nil }
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// Writes all of a text at once; a reader that went away ends the program quietly, as `head` expects.
    static func write(_ text: String, to stream: Stream = .standardOutput) {
        var text = text
        text.withUTF8 { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while !rest.isEmpty {
                let count = Self.write(stream.rawValue, rest)
                if count < 0 {
                    if errno == EINTR { continue }
                    _exit(0)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Prints a text of any number of lines; see ``Shown`` for what is spelt in it.
    static func print(_ text: String) { write(Shown.text(text) + "\n") }
    /// Prints one line, whatever is in it.
    static func printLine(_ line: String) { write(Shown.line(line) + "\n") }
    static func printError(_ text: String) { write(Shown.text(text) + "\n", to: .standardError) }
    static func printJSON(_ text: String) { write(Shown.json(text) + "\n") }

    static func exit(_ code: Int32) -> Never {
        fflush(nil)
        #if canImport(Darwin)
        Darwin.exit(code)
        #elseif canImport(Musl)
        Musl.exit(code)
        #else
        Glibc.exit(code)
        #endif
    }

    /// Hides the cursor until ``showCursor()``; ctrl-C and SIGTERM bring it back, too.
    static func hideCursor() {
        // The handler calls only what a signal handler may call.
        let restore: @convention(c) (Int32) -> Void = { number in
            let bytes: StaticString = "\u{1B}[?25h\n"
            _ = Self.write(1, UnsafeRawBufferPointer(start: bytes.utf8Start, count: bytes.utf8CodeUnitCount))
            _exit(128 + number)
        }
        signal(SIGINT, restore)
        signal(SIGTERM, restore)
        write("\u{1B}[?25l")
    }

    static func showCursor() {
        write("\u{1B}[?25h")
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
