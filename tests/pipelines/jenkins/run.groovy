// Runs a Jenkinsfile as far as that goes without a Jenkins: run.groovy JENKINSFILE NAME=PARAMETER...
//
// Shell steps are run, in the folder of the Jenkinsfile, which is taken for the checkout. What needs a
// Jenkins is said, a line for each. The answer to `input` is that of the variable INPUT, yes or no; the
// file that is every credential, that of CREDENTIAL. Ends with 1 where the build fails.

import com.lesfurets.jenkins.unit.BasePipelineTest

/// What a build knows of its end: without bad news it is good.
class Current {
    String result

    String getCurrentResult() { result ?: 'SUCCESS' }
}

class Build extends BasePipelineTest {
    File workspace
    Map<String, String> parameters
    Map<String, String> credentials = [:]
    Current current = new Current()

    void run(String jenkinsfile) {
        def environment = [BUILD_URL: 'https://jenkins.example.com/job/tomcat/1/', BUILD_TAG: 'jenkins-tomcat-1']
        setUp()
        binding.setVariable('params', parameters)
        binding.setVariable('env', environment)
        binding.setVariable('scm', 'the repository')
        binding.setVariable('currentBuild', current)
        steps([*: parameters, *: environment])
        runScript(jenkinsfile)
    }

    private void steps(Map environment) {
        def build = this
        // Settings of the job.
        for (setting in ['properties', 'parameters']) {
            helper.registerAllowedMethod(setting, [List]) { it }
        }
        helper.registerAllowedMethod('disableConcurrentBuilds', []) {}
        helper.registerAllowedMethod('string', [Map]) { it }
        // The workspace is one already.
        helper.registerAllowedMethod('deleteDir', []) {}
        helper.registerAllowedMethod('checkout', [Object]) { build.say("checkout $it") }
        helper.registerAllowedMethod('stage', [String, Closure]) { String name, Closure body ->
            build.say("stage: $name")
            body()
        }
        helper.registerAllowedMethod('timeout', [Map, Closure]) { Map limit, Closure body ->
            build.say("timeout $limit.time $limit.unit")
            body()
        }
        helper.registerAllowedMethod('file', [Map]) { it }
        helper.registerAllowedMethod('withCredentials', [List, Closure]) { List wanted, Closure body ->
            wanted.each { build.credentials[it.variable] = System.getenv('CREDENTIAL') }
            try {
                body()
            } finally {
                build.credentials.clear()
            }
        }
        helper.registerAllowedMethod('sh', [String]) { String script -> build.shell(script, environment) }
        helper.registerAllowedMethod('input', [Map]) { Map question ->
            build.say("input $question.message")
            if (System.getenv('INPUT') != 'yes') {
                throw new InterruptedException('the answer was no')
            }
        }
        helper.registerAllowedMethod('junit', [Map]) { Map report ->
            def file = new File(build.workspace, report.testResults)
            if (!file.exists() && !report.allowEmptyResults) {
                throw new IllegalStateException("no report $file")
            }
            build.say("junit ${file.exists() ? new XmlSlurper().parse(file).'**'.count { it.name() == 'testcase' } : 0} tests")
        }
        helper.registerAllowedMethod('mail', [Map]) { Map mail -> build.say("mail to $mail.to: $mail.subject | $mail.body") }
    }

    /// As Jenkins does it: every command is shown, the first that fails ends the step, and so the build.
    private void shell(String script, Map environment) {
        def process = new ProcessBuilder('sh', '-xec', script).directory(workspace).redirectErrorStream(true)
        process.environment().putAll(environment)
        process.environment().putAll(credentials)
        process.redirectInput(ProcessBuilder.Redirect.from(new File('/dev/null')))
        def running = process.start()
        running.inputStream.eachLine { say(it) }
        int code = running.waitFor()
        if (code != 0) {
            throw new IOException("script returned exit code $code")
        }
    }

    void say(Object line) {
        println(line)
        System.out.flush()
    }
}

def jenkinsfile = new File(args[0]).absoluteFile
def parameters = args.tail().collectEntries { it.split('=', 2).toList() }
def build = new Build(workspace: jenkinsfile.parentFile, parameters: parameters)
try {
    build.run(jenkinsfile.path)
} catch (failure) {
    println("the build failed: $failure.message")
    System.exit(1)
}
println("the build ended: $build.current.currentResult")
