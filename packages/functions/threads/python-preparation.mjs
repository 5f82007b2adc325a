/**
 * Makes the interpreter one that knows nothing of its host. Modules that would reach the host cannot be imported, so that a
 * function that tries gets an error that says so. This is politeness: the border is elsewhere, and does not rely on it.
 */
export const PREPARATION = `
def prepare():
    import gc, os, sys

    hidden = {
        'js', 'pyodide_js', 'pyodide', '_pyodide', '_pyodide_core', 'micropip', 'ctypes', '_ctypes', 'socket', '_socket',
        'ssl', '_ssl', 'subprocess', '_posixsubprocess', 'multiprocessing', '_remote_debugging', 'faulthandler',
        '_testcapi', '_testinternalcapi', '_testlimitedcapi', '_testbuffer', '_testclinic', '_testclinic_limited',
        '_xxtestfuzz', 'xxsubtype', 'webbrowser', 'termios', 'fcntl',
    }
    reloaded = {'asyncio', 'concurrent', 'selectors', 'tempfile', 'shutil', 'signal'}

    class Hidden:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition('.')[0] in hidden:
                raise ModuleNotFoundError(f"module '{name}' is not available to transformation functions", name=name)

    for name in list(sys.modules):
        if name.partition('.')[0] in hidden | reloaded:
            del sys.modules[name]
    sys.meta_path[:] = [Hidden, *(finder for finder in sys.meta_path[:3])]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if not getattr(hook, '__module__', '').startswith('_pyodide')]
    sys.path_importer_cache.clear()
    sys.path[:] = [entry for entry in sys.path if entry.startswith('/lib/')]
    sys.excepthook, sys.displayhook = sys.__excepthook__, sys.__displayhook__
    del sys._emscripten_info
    os.environ.clear()
    os.chdir('/')
    main = sys.modules['__main__'].__dict__
    for name in [name for name in main if not name.startswith('__')]:
        del main[name]
    gc.collect()
    gc.freeze()


prepare()
`;
