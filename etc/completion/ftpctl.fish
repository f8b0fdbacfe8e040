# Completion of ftpctl(8) for fish. Commands, their arguments and options are what the program's own
# help tells; sessions, users and addresses are what a running server tells.

# The words behind the program's name, without options and what belongs to them.
function __ftpctl_words
	set -l skip 0
	for word in (commandline -opc)[2..-1]
		if test $skip = 1
			set skip 0
		else if contains -- $word --socket --time --reason --since --recount --file --output --user --from -c -o
			set skip 1
		else if not string match -q -- '-*' $word
			echo $word
		end
	end
end

function __ftpctl_socket
	set -l words (commandline -opc)
	for i in (seq (count $words))
		if test "$words[$i]" = --socket
			printf '%s\n' --socket $words[(math $i + 1)]
		end
	end
end

# name, a TAB, what it does.
function __ftpctl_commands
	ftpctl $argv --help 2>/dev/null |
		string replace -rf '^  ([a-z][a-z-]*) +(.*)$' '$1\t$2'
end

function __ftpctl_options
	ftpctl $argv --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]*' | sort -u
end

# Every value that a key has in the answer to a question.
function __ftpctl_values
	ftpctl (__ftpctl_socket) --json $argv[2] 2>/dev/null |
		string replace -rf '^ *"'$argv[1]'": "?([^",]*)"?,?$' '$1' | sort -u
end

function __ftpctl_addresses
	__ftpctl_values peer sessions | string replace -r ':\d+$' '' | string trim -c '[]' | sort -u
end

# The names in the users file.
function __ftpctl_accounts
	ftpctl user list 2>/dev/null | string replace -rf '^\S+ +(\S+).*' '$1'
end

function __ftpctl_files
	__fish_complete_path (commandline -ct)
end

# What may stand behind the option before; or status 1 if it takes nothing.
function __ftpctl_option_values
	switch (commandline -opc)[-1]
		case --socket --file --output -c
			__ftpctl_files
		case --recount
			echo all
			__ftpctl_values user quota
		case --user
			__ftpctl_accounts
		case --time --reason --since --from -o
		case '*'
			return 1
	end
	return 0
end

function __ftpctl_arguments
	__ftpctl_option_values
	and return
	set -l words (__ftpctl_words)
	if test (count $words) = 0
		__ftpctl_commands
		return
	end
	set -l form (ftpctl --help 2>/dev/null | string replace -rf "^  $words[1] (\S*).*" '$1')
	if test (count $words) -gt 1 -a "$form" = COMMAND
		set form $words[2]
		test $words[1] = cert
		and set form FILE
	else if test (count $words) -gt 1 -a "$form" != '[CHECK'
		return
	end
	switch "$form"
		case SESSION
			__ftpctl_values session sessions
		case TARGET
			__ftpctl_values session sessions
			__ftpctl_values user sessions
			__ftpctl_addresses
		case 'ADDRESS*BITS*'
			__ftpctl_addresses
		case 'ADDRESS|all'
			echo all
			__ftpctl_values address bans
		case '*WORKER*'
			__ftpctl_values worker workers
		case '*USER*'
			__ftpctl_values user quota
		case LEVEL
			printf '%s\n' error warning info debug
		case COMMAND '*CHECK*'
			__ftpctl_commands $words[1]
		case set passwd lock unlock del show
			__ftpctl_accounts
		case FILE '*PROGRAM*'
			__ftpctl_files
	end
end

function __ftpctl_own_options
	set -l words (__ftpctl_words)
	if contains -- "$words[1]" user cert doctor import
		__ftpctl_options $words[1]
	else
		__ftpctl_options
	end
end

complete -c ftpctl -f -a '(__ftpctl_arguments)'
complete -c ftpctl -f -n 'string match -q -- "-*" (commandline -ct)' -a '(__ftpctl_own_options)'
