import KubeModel

/// Reading what the cells of tables are made from.
struct Cells: Sendable {
    let object: KubeObject
    let now: Timestamp

    init(_ object: KubeObject, now: Timestamp) {
        self.object = object
        self.now = now
    }

    func at(_ path: String...) -> JSON? { object.json.at(path).flatMap { $0.isNull ? nil : $0 } }
    func text(_ path: String...) -> String { object.json.at(path)?.string ?? "" }
    func list(_ path: String...) -> [JSON] { object.json.at(path)?.array ?? [] }
    func count(_ path: String...) -> Int {
        let value = object.json.at(path)
        return value?.array?.count ?? value?.object?.count ?? 0
    }
    func int(_ path: String..., or fallback: Int = 0) -> Int { object.json.at(path)?.int ?? fallback }
    func number(_ path: String..., or fallback: Int = 0) -> JSON {
        .integer(Int64(object.json.at(path)?.int ?? fallback))
    }

    var name: JSON { .string(object.name) }
    var age: JSON { .string(ago(object.creationTimestamp)) }
    var created: JSON { object.at("metadata", "creationTimestamp") ?? .null }

    /// How long ago a time was; `<unknown>` without one.
    func ago(_ time: String?) -> String {
        guard let time, !time.isEmpty else { return "<unknown>" }
        guard let moment = Timestamp(parsing: time) else { return "<invalid>" }
        return HumanDuration.text(seconds: now.seconds(since: moment))
    }

    /// `a=b,c=d`, or `<none>`.
    static func labels(_ json: JSON?) -> String {
        let pairs = (json?.object ?? [:]).map { "\($0.key)=\($0.value.string ?? "")" }
        return pairs.isEmpty ? "<none>" : pairs.joined(separator: ",")
    }

    static func selector(_ json: JSON?) -> String {
        guard let json, !json.isNull else { return "<none>" }
        let text = SelectorText.text(of: json)
        return text.isEmpty ? "<none>" : text
    }

    static func orNone(_ text: String) -> JSON { .string(text.isEmpty ? "<none>" : text) }

    /// The first three, and how many more.
    static func few(_ items: [String], separator: String = ",") -> String {
        let shown = items.prefix(3).joined(separator: separator)
        return items.count > 3 ? "\(shown) + \(items.count - 3) more..." : shown
    }

    /// Names and images of a pod template's containers.
    func containers(_ path: String...) -> [JSON] {
        let containers = object.json.at(path)?.array ?? []
        return ["name", "image"].map { key in
            .string(containers.map { $0[key]?.string ?? "" }.joined(separator: ","))
        }
    }
}
