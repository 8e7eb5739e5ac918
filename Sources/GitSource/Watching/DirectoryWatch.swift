#if os(Linux)
import Dispatch
import Glibc
import Synchronization

/// Watches directories for names that appear, change or go, through one inotify descriptor.
///
/// Directories are watched on behalf of owners (repositories). An owner is told that something happened, not what: it
/// looks for itself.
final class DirectoryWatch: Sendable {
    private struct Watched {
        var path: String
        /// Per owner the names of interest; all when the value is `nil`.
        var owners: [String: Set<String>?]
    }

    private struct State {
        var watched: [Int32: Watched] = [:]
        var descriptors: [String: Int32] = [:]
    }

    private static let events =
        UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
        | UInt32(IN_CLOSE_WRITE)
        | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)

    private let state = Mutex(State())
    private let descriptor: Int32
    /// Resumed once in the initialiser and cancelled once in the deinitialiser; Dispatch does the locking.
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let notify: @Sendable (_ owner: String) -> Void

    /// - Parameter notify: Called on a queue of the watch's own, for an owner with something new.
    /// - Returns: `nil` when the system gives no inotify descriptor.
    init?(notify: @escaping @Sendable (_ owner: String) -> Void) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        self.notify = notify
        let queue = DispatchQueue(label: "varde.directory-watch")
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.readEvents() }
        let descriptor = descriptor
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    deinit { source.cancel() }

    /// Sets the directories that an owner is interested in, in place of the earlier ones.
    ///
    /// - Returns: `false` if one could not be watched because the system's limit is reached.
    func watch(_ directories: [String: Set<String>?], for owner: String) -> Bool {
        state.withLock { state in
            for (path, number) in state.descriptors where directories[path] == nil {
                release(number, path, owner, &state)
            }
            var isComplete = true
            for (path, names) in directories {
                let number = inotify_add_watch(descriptor, path, Self.events)
                guard number >= 0 else {
                    if errno == ENOSPC || errno == ENOMEM { isComplete = false }
                    continue
                }
                if let stale = state.descriptors[path], stale != number { state.watched[stale] = nil }
                state.descriptors[path] = number
                var watched = state.watched[number] ?? Watched(path: path, owners: [:])
                watched.path = path
                watched.owners.updateValue(names, forKey: owner)
                state.watched[number] = watched
            }
            return isComplete
        }
    }

    private func release(_ number: Int32, _ path: String, _ owner: String, _ state: inout State) {
        state.watched[number]?.owners[owner] = nil
        guard state.watched[number]?.owners.isEmpty ?? true else { return }
        inotify_rm_watch(descriptor, number)
        state.watched[number] = nil
        state.descriptors[path] = nil
    }

    private func readEvents() {
        var owners: Set<String> = []
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                state.withLock { state in
                    var place = 0
                    while place + MemoryLayout<inotify_event>.size <= count {
                        let event = buffer.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
                        let start = place + MemoryLayout<inotify_event>.size
                        place = start + Int(event.len)
                        let name = buffer[start..<place].prefix { $0 != 0 }
                        owners.formUnion(
                            Self.interested(in: event, String(decoding: name, as: UTF8.self), &state)
                        )
                    }
                }
            }
        }
        for owner in owners { notify(owner) }
    }

    private static func interested(in event: inotify_event, _ name: String, _ state: inout State) -> [String]
    {
        // Events were lost: everybody looks.
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return state.watched.values.flatMap { $0.owners.keys } }
        guard let watched = state.watched[event.wd] else { return [] }
        if event.mask & UInt32(IN_IGNORED) != 0 {
            state.watched[event.wd] = nil
            if state.descriptors[watched.path] == event.wd { state.descriptors[watched.path] = nil }
            return Array(watched.owners.keys)
        }
        if event.mask & (UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)) != 0 {
            return Array(watched.owners.keys)
        }
        guard !name.hasSuffix(".lock") else { return [] }
        return watched.owners.compactMap { owner, names in names?.contains(name) ?? true ? owner : nil }
    }
}
#else
/// Elsewhere there is no inotify; repositories are polled.
final class DirectoryWatch: Sendable {
    init?(notify: @escaping @Sendable (_ owner: String) -> Void) { return nil }
    func watch(_ directories: [String: Set<String>?], for owner: String) -> Bool { false }
}
#endif
