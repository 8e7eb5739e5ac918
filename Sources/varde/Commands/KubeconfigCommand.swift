import ArgumentParser

struct KubeconfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Print the path of the kubeconfig with a context for every cluster.",
        discussion: """
              export KUBECONFIG=$(varde kubeconfig)
              kubectl config get-contexts     admin, and one per cluster
              kubectl --context dev get deploy -A
            """
    )

    @OptionGroup var server: ServerOptions

    func run() throws {
        let file = try ClientFile.read(in: server.directory)
        Terminal.print(file.kubeconfig)
        guard Terminal.isInteractive(.standardOutput) else { return }
        let style = Style(for: .standardError)
        Terminal.printError(style.paint("  export KUBECONFIG=\(file.kubeconfig)", .faint))
        Terminal.printError(style.paint("  kubectl --context dev get deploy -A", .faint))
    }
}
