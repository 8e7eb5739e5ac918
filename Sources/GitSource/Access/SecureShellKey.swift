import FoundationEssentials

/// A private key as people put it into a Secret.
package enum SecureShellKey {
    /// Why ssh could not use it, as part of a sentence; `nil` if nothing speaks against it.
    ///
    /// ssh itself, asked to ask nobody, only says that permission was denied.
    package static func problem(of key: String) -> String? {
        let lines = key.split(whereSeparator: \.isNewline).map(String.init)
        let first = lines.first ?? ""
        guard let begin = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") }) else {
            if first.hasPrefix("ssh-") || first.hasPrefix("ecdsa-") {
                return "its ssh key is a public key; the private one is needed."
            }
            if first.hasPrefix("PuTTY-User-Key-File") {
                return "its ssh key is in PuTTY's format; `puttygen KEY -O private-openssh` converts it."
            }
            return "its ssh key is no private key: that begins with '-----BEGIN'."
        }
        guard lines.contains(where: { $0.hasPrefix("-----END ") }) else {
            return "its ssh key is not whole: the line '-----END …' is missing."
        }
        let isEncrypted =
            switch lines[begin] {
            case let line where line.hasPrefix("-----BEGIN ENCRYPTED"): true
            case let line where line.hasPrefix("-----BEGIN OPENSSH"):
                hasPassphrase(openSSH: lines[(begin + 1)...].prefix { !$0.hasPrefix("-----") }.joined())
            default: lines.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") }
            }
        guard isEncrypted else { return nil }
        return
            "its ssh key has a passphrase, and nobody is there to type it: take a key without one (`ssh-keygen -p -N '' -f KEY`)."
    }

    /// The format begins with its name, and then the name of the cipher.
    private static func hasPassphrase(openSSH text: String) -> Bool {
        let magic = Array("openssh-key-v1\0".utf8)
        guard let bytes = Data(base64Encoded: text).map(Array.init), bytes.starts(with: magic),
            bytes.count > magic.count + 4
        else { return false }
        let length = bytes[magic.count..<magic.count + 4].reduce(0) { $0 << 8 | Int($1) }
        let cipher = bytes[(magic.count + 4)...].prefix(min(length, 64))
        return !cipher.elementsEqual("none".utf8)
    }
}
