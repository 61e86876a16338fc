# The commands of the SPMS Helpline; `make help` lists them.
.DEFAULT_GOAL := help
export RASA_TELEMETRY_ENABLED := false
# Of stop-answers, resume-answers, backup, restore, new-topic, release, bench-store and simulate-month; handed on as they are, never read by a shell.
export REASON BY FILE ID GROUP LABEL COVERS VERSION DIR MESSAGES
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONPATH := $(CURDIR):$(CURDIR)/web

TOOLS := .venvs/tools/bin
BOT := .venvs/bot/bin
WEB := .venvs/web/bin
LOCK := $(TOOLS)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate
OURS := settings.py process_memory.py content safety scripts

# Every target is a command, none a file
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## list the commands
	@sed -n -e 's/^#: //p' -e 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
		awk -F'\t' 'NF == 1 { printf "\n%s\n", $$1; next } { printf "  make %-20s %s\n", $$1, $$2 }'

setup:
	@python="$$(scripts/python311)" && "$$python" -m scripts.setup run

setup-test:
	@python="$$(scripts/python311)" && "$$python" -m scripts.setup test

#: Talk with it

run: setup ## set up, train if needed, start everything, print the addresses
	@exec $(TOOLS)/python -m scripts.run

shell: setup ## talk with the bot in the terminal, sources and choices as text
	@exec $(TOOLS)/python -m scripts.shell

#: Train

train: setup ## train the bot if data, knowledge or configuration changed
	@$(TOOLS)/python -m scripts.train

train-candidate: setup ## train a model beside the one in use, to compare it in the staff console
	@$(TOOLS)/python -m scripts.candidate

#: Test

test: setup-test train ## every suite but two long ones: test-faults, test-learning-loop
	@$(TOOLS)/python -m scripts.run_tests

test-safety: setup-test ## the safety gate: crisis, emergency, abuse and their look-alikes
	@$(TOOLS)/python -m scripts.run_tests safety

test-conversations: setup-test train ## conversations played through the chat API of real processes
	@$(TOOLS)/python -m scripts.run_tests conversations

test-browser: setup-test train ## widget, pages and console in a real browser
	@$(TOOLS)/python -m scripts.run_tests browser

test-several: setup-test train ## what visitors meet once more, on PostgreSQL and Redis
	@$(TOOLS)/python -m scripts.run_tests --several

test-learning-loop: setup-test train ## corrected, exported, trained, compared, switched, undone: in a real browser
	@$(TOOLS)/python -m scripts.run_tests learning_loop

test-faults: setup-test train ## processes and databases killed under load, a full disk, a broken model
	@$(TOOLS)/python -m scripts.run_tests faults

coverage: setup-test train ## how much of our Python the suites run, by folder; ARGS="--add web bot" counts some more
	@$(TOOLS)/python -m scripts.branch_coverage $(ARGS)

#: Run it for the public (there as the command `helpline`)

stop-answers: setup ## kill switch: REASON="why" BY=you; visitors get the MS Navigator's number
	@$(WEB)/python -m helpline.chat.kill_switch on --reason "$$REASON" --by "$$BY"

resume-answers: setup ## let the bot answer again: BY=you
	@$(WEB)/python -m helpline.chat.kill_switch off --by "$$BY"

backup: setup ## copy the store into one file, while the helpline runs: FILE=name
	@$(WEB)/python -m helpline.store.backup "$$FILE"

restore: setup ## bring a copy back, without what was erased since: FILE=name BY=you [LOST=yes]
	@$(WEB)/python -m helpline.privacy.restore "$$FILE" --by "$$BY" $(if $(LOST),--store-is-lost)

export-corrections: setup ## approved corrections as a diff; ARGS="--write --by you" or "--patch FILE"
	@$(WEB)/python -m helpline.corrections $(ARGS)

#: Measure

bench: setup-test train ## speed, memory, disk beside Rasa's stock bots, in one run; ARGS="--stock-model FILE"
	@PYTHONPATH=. $(BOT)/python -m bench $(ARGS)

bench-soak: setup-test train ## ten minutes of visitors coming and going, memory at start and end
	@PYTHONPATH=. $(BOT)/python -m bench.soak $(ARGS)

bench-scale: setup-test train ## two chats, two bots, PostgreSQL, Redis, nginx: 0 lost, 0 doubled; ARGS="--minutes 10"
	@PYTHONPATH=.:web $(WEB)/python -m bench.scale $(ARGS)

fuzz: setup-test train ## 20,000 random messages against real processes; ARGS="--messages N --seed N"
	@PYTHONPATH=. $(BOT)/python -m bench.fuzz $(ARGS)

bench-tuning: setup-test ## choose the classifier's numbers by cross-validation; ARGS="--grid --hint3 DIR"
	@PYTHONPATH=. $(BOT)/python -m bench.tuning $(ARGS)

bench-understanding: setup-test ## understanding beside Rasa's stock pipeline; ARGS="--stock FILE --hint3 DIR"
	@PYTHONPATH=. $(BOT)/python -m bench.understanding $(ARGS)

bench-store: setup-test ## the console on a million messages: DIR=folder [ARGS="--rounds 40"]
	@$(WEB)/python -m bench.store all "$${DIR:-var/bench-store}" $(ARGS)

simulate-month: setup-test train ## four weeks of visitors, corrections and new models: [MESSAGES=rows.jsonl]
	@$(WEB)/python -m bench.month $${MESSAGES:+"$$MESSAGES"} $(ARGS)

bench-widget: setup-test train ## the widget on a phone with a slow processor, and its size beside its peers
	@$(TOOLS)/python -m bench.widget

#: Check what you changed

check: setup-test ## lint, strict types, and everything of check-content
	$(TOOLS)/ruff check .
	$(TOOLS)/ruff format --check .
	$(TOOLS)/lint-imports --no-cache
	$(TOOLS)/mypy $(OURS) tests/content tests/safety tests/scripts tests/conversations tests/browser \
		tests/learning_loop \
		bench/widget.py
	MYPYPATH=. $(TOOLS)/mypy --exclude 'bench/(widget\.py|scale|store|month)' --python-executable $(BOT)/python actions components bench data_tools \
		tests/bot tests/nlu
	MYPYPATH=.:web $(TOOLS)/mypy --python-executable $(WEB)/python web/helpline bench/scale bench/month bench/store.py \
		bench/store_fill.py tests/web tests/staff tests/privacy tests/faults
	@$(MAKE) --no-print-directory check-content

check-content: setup-test ## for writers: rules of answers and facts, Rasa's own check, training examples
	$(TOOLS)/python -m scripts.check_content
	$(TOOLS)/python -m scripts.validate_data
	$(BOT)/python -m data_tools.check

nlu-report: setup-test ## what is worth a look in the training data: doubtful labels, templates, near copies
	@$(BOT)/python -m data_tools.check --report

audit: setup-test ## known advisories against our lock files; accepted ones: docs/accepted-advisories.yml
	@$(TOOLS)/python -m scripts.audit

check-widget: ## rebuild the widget with Node, compare with the built file in git, run its unit tests
	cd web/widget && npm ci --no-audit --no-fund --loglevel=error && npm run check && npm test

#: Write

new-topic: setup-test ## begin a topic: ID=symptom_sleep GROUP=symptoms LABEL="Help with sleep" COVERS="…"
	@$(TOOLS)/python -m scripts.new_topic --id "$$ID" --group "$$GROUP" --label "$$LABEL" --covers "$$COVERS"

content-report: setup-test ## page on which every answer is read and signed: var/content-report.html
	@$(TOOLS)/python -m scripts.content_report

#: Release, and keep the house in order

release: setup train ## stamp VERSION=0.2.0 with model, widget and day of the facts: CHANGELOG.md
	@$(TOOLS)/python -m scripts.release "$$VERSION"

pictures: setup-test train ## take the pictures of README and docs anew; ARGS="staff-inbox" takes one
	@$(TOOLS)/python -m scripts.pictures $(ARGS)

notices: setup-test ## THIRD-PARTY.md: the licence of everything we hand on
	@$(TOOLS)/python -m scripts.notices

hooks: setup-test ## look at every commit before it is made: form, plain mistakes, content rules
	@$(TOOLS)/pre-commit install

format: setup-test ## bring our Python into its usual form
	$(TOOLS)/ruff format .
	$(TOOLS)/ruff check --fix .

settings: ## list every setting with its default
	@"$$(scripts/python311)" settings.py

settings-page: ## write deploy/settings.md, the same list as a page
	@"$$(scripts/python311)" settings.py --page > deploy/settings.md

lock: setup ## renew the lock files from pyproject.toml and web/pyproject.toml
	$(LOCK) --upgrade -o requirements/bot-test.txt --extra test pyproject.toml
	$(LOCK) -c requirements/bot-test.txt -o requirements/bot.txt pyproject.toml
	$(LOCK) --upgrade -o requirements/web-test.txt --extra test web/pyproject.toml
	$(LOCK) -c requirements/web-test.txt -o requirements/web.txt web/pyproject.toml
	$(LOCK) --upgrade -o requirements/tools-test.txt --group tools-test
	$(LOCK) -c requirements/tools-test.txt -o requirements/tools.txt --group tools
