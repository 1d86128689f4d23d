"""Grammar checkers by other people; tests that ask them skip where they are not installed.

link-grammar: `apt-get install link-grammar`. harper.js: `npm install harper.js` in the root of
the repository, or in the folder that the variable HARPER_FOLDER names.
"""
