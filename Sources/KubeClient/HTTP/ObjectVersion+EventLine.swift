import KubeModel

extension ObjectVersion {
    /// Of the object that a watch's line adds or modifies, without parsing the line.
    ///
    /// - Returns: `nil` for what is no such line, and for one that can only be parsed.
    init?(eventLine line: [UInt8]) {
        let version = line.withUnsafeBufferPointer { bytes -> ObjectVersion? in
            var event = MemberScan(bytes: bytes, place: 1)
            guard let (_, type) = event.next(), Self.isPut(bytes[type]),
                let object = event.range(of: "object")
            else { return nil }
            var members = MemberScan(bytes: bytes, place: object.lowerBound + 1)
            guard let metadata = members.range(of: "metadata") else { return nil }
            return ObjectVersion(metadata: MemberScan(bytes: bytes, place: metadata.lowerBound + 1))
        }
        guard let version else { return nil }
        self = version
    }

    private static func isPut(_ type: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        type.elementsEqual("\"ADDED\"".utf8) || type.elementsEqual("\"MODIFIED\"".utf8)
    }

    private init?(metadata: MemberScan) {
        var members = metadata
        var (name, namespace, uid, version): (String?, String?, String?, String?)
        while name == nil || uid == nil || version == nil, let (key, value) = members.next() {
            switch String(decoding: members.bytes[key], as: UTF8.self) {
            case "name": name = Self.text(members.bytes[value])
            case "namespace": namespace = Self.text(members.bytes[value])
            case "uid": uid = Self.text(members.bytes[value])
            case "resourceVersion": version = Self.text(members.bytes[value])
            default: break
            }
        }
        guard let name, let uid, let version else { return nil }
        self.init(
            name: ObjectName(namespace: namespace ?? "", name: name),
            uid: uid,
            resourceVersion: version
        )
    }

    private static func text(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        guard value.count > 2, value.first == UInt8(ascii: "\""), !value.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }
}
