/// The README of an apps repository: the first thing a newcomer reads there.
enum AppsReadme {
    static func text(
        team: String,
        prefix: String,
        repository: String,
        style: String,
        example: String
    ) -> String {
        """
        # \(team): what runs where

        One directory is one namespace of one cluster: `env/<cluster>/<namespace>/`. What is in it runs there a few seconds after
        the push; what is removed goes. \(style)

        ## A new namespace

        Names must be `\(prefix)` or begin with `\(prefix)-`. The namespace itself is made for you: do not commit a Namespace.

        ```sh
        mkdir -p env/dev/\(prefix)-hello
        cat > env/dev/\(prefix)-hello/app.yaml <<'END'
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: hello
        spec:
          replicas: 2
          selector:
            matchLabels: {app: hello}
          template:
            metadata:
              labels: {app: hello}
            spec:
              containers:
                - name: hello
                  image: registry.kart.example/hello:1.0.0
                  ports: [{containerPort: 8080}]
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: hello
        spec:
          selector: {app: hello}
          ports: [{port: 80, targetPort: 8080}]
        END
        git add env && git commit -m "Add hello to dev" && git push
        varde wait \(prefix)-hello
        ```

        Look at it with `varde app show \(prefix)-hello`, in the console, or with
        `kubectl --context dev -n \(prefix)-hello get all`. Delete the directory to remove it again.

        ## When something is wrong

        `varde app show \(example)` begins with the sentence that says what, and names file, document and field when a file is
        the cause. Fix it, push: it recovers by itself. `git revert` is a fine way back.

        """
    }
}
