/**
 * The Python that runs boot.py and main.py from the disk before the prompt, in __main__, as MicroPython's boards do. An error prints its
 * traceback, from the file's own line on, and the prompt comes all the same; so does it after SystemExit.
 */
export const START_FILES = `
def _run(name):
    try:
        with open(name) as f:
            source = f.read()
    except OSError:
        return
    try:
        exec(compile(source, name, 'exec'), globals())
    except SystemExit:
        pass
    except BaseException as e:
        import io, sys
        text = io.StringIO()
        sys.print_exception(e, text)
        lines = text.getvalue().split('\\n')
        if len(lines) > 1 and '_run' in lines[1]:
            lines.pop(1)
        sys.stdout.write('\\n'.join(lines))
_run('boot.py')
_run('main.py')
del _run
`;
