#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Finds programs by name.
package enum ProgramSearch {
    /// The absolute path of a program: in the given directories first, then on `PATH`; `nil` if it is nowhere.
    package static func path(of name: String, in directories: [String] = []) -> String? {
        for directory in directories + searchPath where directory.hasPrefix("/") {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    /// A variable of this process's environment.
    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }

    private static var searchPath: [String] {
        (variable("PATH") ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").map(String.init)
    }
}
